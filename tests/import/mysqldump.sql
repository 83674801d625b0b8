-- MySQL dump 10.13  Distrib 5.5.28, for Win64 (x86)
--
-- Host: localhost    Database: citsmart
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
DROP TABLE IF EXISTS `modelosemails`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `modelosemails` (
  `identificador` varchar(20) DEFAULT NULL,
  `idmodeloemail` int(11) NOT NULL,
  `datainicio` date DEFAULT NULL COMMENT 'a column, of no interest (here)',
  `texto` text NOT NULL,
  `situacao` char(1) NOT NULL,
  `titulo` varchar(255) NOT NULL,
  PRIMARY KEY (`idmodeloemail`),
  KEY `titulo` (`titulo`(20))
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
LOCK TABLES `anexos` WRITE;
INSERT INTO `anexos` VALUES (1,_binary 'PK\0\Z\'\\','it\'s (1,2);'),(2,NULL,'INSERT INTO `modelosemails` VALUES (\'no\',99,NULL,\'x\',\'A\',\'no\');');
UNLOCK TABLES;
LOCK TABLES `modelosemails` WRITE;
/*!40000 ALTER TABLE `modelosemails` DISABLE KEYS */;
INSERT INTO `modelosemails` VALUES ('cp',8,'2013-04-16','Informamos que foi criado a pasta ${NOME}.<br />\r\n<a href=\"http://x\">d\'água</a>','A','Criação da Pasta - ${NOME}'),(NULL,9,NULL,'<p>\"aspas\"</p>','E','Sem identificador'),('cc',10,NULL,'a\\b','A','Última');
/*!40000 ALTER TABLE `modelosemails` ENABLE KEYS */;
UNLOCK TABLES;
-- Dump completed on 2013-04-16
